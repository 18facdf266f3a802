-- Checked files that nobody has applied or put aside; counted from the day they were checked.
SELECT
    'upload', upload.id, NULL, upload.plan_id,
    (upload.created_at AT TIME ZONE 'Europe/London')::date, upload.created_at, upload.uploaded_by_id,
    NULL, NULL, NULL
FROM commitments_upload upload
WHERE upload.state = 'checked'
