-- Files that nobody has applied or put aside, whatever they wait for (columns, names, problems, the
-- last word); counted from the day they were brought.
SELECT
    'upload', upload.id, NULL, upload.plan_id,
    (upload.created_at AT TIME ZONE 'Europe/London')::date, upload.created_at, upload.uploaded_by_id,
    NULL, NULL, NULL
FROM commitments_upload upload
WHERE upload.state IN ('waiting', 'checking', 'columns', 'people', 'checked', 'faulty')
