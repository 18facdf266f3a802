"""What everybody gets at every address: the expected answers as one table.

A row is the name of an address, what it is about (`public`, `internal` or `draft` for which
commitment, `merged` and `split` for closed bodies, `system` for the board, else `-`), and GET or
POST. A column is a relation to the promise, with a letter for each role: viewer, contributor,
programme lead, reviewer, administrator. The last three are the platform administrator, somebody
signed in who belongs nowhere, and somebody who has not signed in.

    2 a page; a form that says what is missing
    3 done, or sent on to another page
    s sent to the sign-in page
    - refused (403): may read it, may not do this
    . not found (404): may not even know of it
    u says why signing in failed (401)    x only the other method (405)    5 not up (503)
"""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permission-matrix.md"
ROLES = ("viewer", "contributor", "programme_lead", "reviewer", "administrator")
RELATIONS = ("own", "system", "partner", "successor", "foreign")
OTHERS = ("platform", "nobody", "anonymous")

# Addresses of libraries, which have a table of their own.
LIBRARIES = (
    "account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "accounts/social/",
)  # fmt: skip

EXPECTED = """
healthz                     -        GET  55555 55555 55555 55555 55555 | 5 5 5
organisation_history        -        GET  --2-2 ..... ..... ..... ..... | 2 . s
organisation_history        merged   GET  ..... ..... ..... ..2.2 ..... | 2 . s
organisation_history_export -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people                      -        GET  22222 ..... ..... ..... ..... | 2 . s
people                      merged   GET  ..... ..... ..... ..2.2 ..... | 2 . s
people_second_factor        -        POST ----3 ..... ..... ..... ..... | 3 . s
people_invite               -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_invite               -        POST --2-2 ..... ..... ..... ..... | 2 . s
people_invite               merged   GET  ..... ..... ..... ..2.2 ..... | 2 . s
people_invite_many          -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_invite_many          -        POST --2-2 ..... ..... ..... ..... | 2 . s
people_invite_many_send     -        POST --3-3 ..... ..... ..... ..... | 3 . s
people_invite_template      -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_invitation_resend    -        POST --3-3 ..... ..... ..... ..... | 3 . s
people_invitation_revoke    -        POST --3-3 ..... ..... ..... ..... | 3 . s
join_request                -        GET  --2-2 ..... ..... ..... ..... | 2 . s
join_request                -        POST --2-2 ..... ..... ..... ..... | 2 . s
people_former               -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_member               -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_member               -        POST --2-2 ..... ..... ..... ..... | 2 . s
people_member_end           -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_member_end           -        POST --3-3 ..... ..... ..... ..... | 3 . s
people_member_switch_off    -        GET  --2-2 ..... ..... ..... ..... | 2 . s
people_member_switch_off    -        POST --3-3 ..... ..... ..... ..... | 3 . s
people_member_reset_factor  -        POST --3-3 ..... ..... ..... ..... | 3 . s
join                        -        GET  22222 22222 22222 22222 22222 | 2 2 2
join                        -        POST 22222 22222 22222 22222 22222 | 2 2 2
join_asked                  -        GET  22222 22222 22222 22222 22222 | 2 2 2
join_with_link              -        GET  ..... ..... ..... ..... ..... | . . .
join_with_link              -        POST ..... ..... ..... ..... ..... | . . .
invitation                  -        GET  22222 22222 22222 22222 22222 | 2 2 2
invitation                  -        POST 22222 22222 22222 22222 22222 | 2 2 2
single_sign_on              -        GET  ..... ..... ..... ..... ..... | . . .
account                     -        GET  22222 22222 22222 22222 22222 | 2 2 s
invitation_accept           -        POST 3.... ..... ..... ..... ..... | . . s
leave                       -        GET  .2... ..... ..... ..... ..... | . . s
leave                       -        POST .3... ..... ..... ..... ..... | . . s
session_end                 -        POST 3.... ..... ..... ..... ..... | . . s
join_request_withdraw       -        POST ..... ..... ..... ..... ..... | . 3 s
organisations               -        GET  22222 22222 22222 22222 22222 | 2 2 s
switch_organisation         -        POST 33333 ..... ..... ..... ..... | . . s
successions                 -        GET  22222 22222 22222 22222 22222 | 2 2 s
succession_add              -        GET  ----- ----- ----- ----- ----- | 2 - s
succession_add              -        POST ----- ----- ----- ----- ----- | 2 - s
succession_reverse          -        GET  ----- ----- ----- ----- ----- | 2 - s
succession_reverse          -        POST ----- ----- ----- ----- ----- | 3 - s
robots                      -        GET  22222 22222 22222 22222 22222 | 2 2 2
home                        -        GET  22222 22222 22222 22222 22222 | 2 2 s
plans                       -        GET  22222 22222 22222 22222 22222 | 2 2 2
plan                        public   GET  22222 22222 22222 22222 22222 | 2 2 2
plan                        internal GET  22222 22222 22222 22222 ..... | 2 . .
commitments                 -        GET  22222 22222 22222 22222 22222 | 2 2 s
saved_view_add              -        POST 33333 33333 33333 33333 33333 | 3 3 s
saved_view_remove           -        POST ..3.. ..... ..... ..... ..... | . . s
commitment_add              -        GET  --2-- --2-- --2-- --2-- --2-- | 2 - s
commitment_add              -        POST --2-- --2-- --2-- --2-- --2-- | 2 - s
commitment                  public   GET  22222 22222 22222 22222 22222 | 2 2 2
commitment                  internal GET  22222 22222 22222 22222 ..... | 2 . .
commitment                  draft    GET  22222 22222 ..... ..... ..... | 2 . .
commitment_change           public   GET  --2-- --2-- ----- --2-- ----- | 2 - s
commitment_change           internal GET  --2-- --2-- ----- --2-- ..... | 2 . s
commitment_change           internal POST --2-- --2-- ----- --2-- ..... | 2 . s
commitment_change           draft    GET  --2-- --2-- ..... ..... ..... | 2 . s
baseline_changes            public   GET  22222 22222 22222 22222 22222 | 2 2 s
baseline_changes            internal GET  22222 22222 22222 22222 ..... | 2 . s
baseline_change             public   GET  22222 22222 22222 22222 22222 | 2 2 s
baseline_change             internal GET  22222 22222 22222 22222 ..... | 2 . s
baseline_change_ask         public   GET  -22-- --2-- -22-- -22-- ----- | 2 - s
baseline_change_ask         internal GET  -22-- --2-- -22-- -22-- ..... | 2 . s
baseline_change_ask         internal POST -22-- --2-- -22-- -22-- ..... | 2 . s
baseline_change_decide      internal POST --2-- --2-- ----- --2-- ..... | 2 . s
baseline_change_object      internal POST ----- ----- -222- -222- ..... | - . s
baseline_change_withdraw    internal POST -3--- ----- ----- ----- ..... | - . s
reviews                     -        GET  22222 22222 22222 22222 22222 | 2 2 s
reviews_agree               -        GET  ---2- ---2- ---2- ---2- ---2- | - - s
reviews_agree               -        POST ---3- ---3- ---3- ---3- ---3- | - - s
reviews_waiting             -        GET  22222 22222 22222 22222 22222 | 2 2 s
reviews_nudge               -        POST 33333 33333 33333 33333 33333 | 3 3 s
reviews_heard               -        GET  22222 22222 22222 22222 22222 | 2 2 s
sector_comments             -        GET  ---2- ---2- ---2- ---2- ---2- | - - s
sector_comments             -        POST ---2- ---2- ---2- ---2- ---2- | - - s
sector_comment_change       -        GET  ---2- ---.- ---.- ---.- ---.- | - - s
sector_comment_change       -        POST ---2- ---.- ---.- ---.- ---.- | - - s
sector_comment_remove       -        POST ---3- ---.- ---.- ---.- ---.- | - - s
commitment_reviews          public   GET  22222 22222 22222 22222 22222 | 2 2 s
commitment_reviews          internal GET  22222 22222 22222 22222 ..... | 2 . s
commitment_reviews          draft    GET  22222 22222 ..... ..... ..... | 2 . s
review_answer               public   POST ----- ----- ---2- ----- ----- | - - s
review_answer               internal POST ----- ----- ---2- ----- ..... | - . s
dispute_differ              internal POST -22-- --2-- ---2- ----- ..... | - . s
dispute_escalate            public   GET  -22-- --2-- ---2- ----- ----- | - - s
dispute_escalate            internal GET  -22-- --2-- ---2- ----- ..... | - . s
dispute_escalate            internal POST -22-- --2-- ---2- ----- ..... | - . s
commitment_discussion       public   GET  22222 22222 22222 22222 22222 | 2 2 s
commitment_discussion       internal GET  22222 22222 22222 22222 ..... | 2 . s
commitment_discussion       draft    GET  22222 22222 ..... ..... ..... | 2 . s
commitment_discussion       public   POST 22222 22222 22222 22222 22222 | 2 - s
commitment_discussion       internal POST 22222 22222 22222 22222 ..... | 2 . s
discussion_people           public   GET  22222 22222 22222 22222 22222 | 2 - s
discussion_people           internal GET  22222 22222 22222 22222 ..... | 2 . s
comment_reply               public   GET  22222 22222 22222 22222 22222 | 2 - s
comment_reply               internal GET  22222 22222 22222 22222 ..... | 2 . s
comment_reply               internal POST 22222 22222 22222 22222 ..... | 2 . s
comment_edit                internal GET  -2--- ----- ----- ----- ..... | - . s
comment_edit                internal POST -2--- ----- ----- ----- ..... | - . s
comment_take_back           internal POST -3--- ----- ----- ----- ..... | - . s
comment_resolve             internal POST -33-- --3-- -333- -33-- ..... | 3 . s
comment_reopen              internal POST -33-- --3-- -333- -33-- ..... | 3 . s
commitment_evidence         public   GET  22222 22222 22222 22222 22222 | 2 2 s
commitment_evidence         internal GET  22222 22222 22222 22222 ..... | 2 . s
commitment_evidence         draft    GET  22222 22222 ..... ..... ..... | 2 . s
evidence_add                public   GET  -22-- --2-- -22-- -22-- ----- | - - s
evidence_add                internal GET  -22-- --2-- -22-- -22-- ..... | - . s
evidence_add                internal POST -22-- --2-- -22-- -22-- ..... | - . s
evidence_file               public   GET  22222 22222 22222 22222 22222 | 2 2 s
evidence_file               internal GET  22222 22222 22222 22222 ..... | 2 . s
evidence_file               draft    GET  22222 22222 ..... ..... ..... | 2 . s
evidence_verify             internal POST ----- ----- -333- -33-- ..... | - . s
evidence_take_back          public   GET  ----- ----- -222- ----- ----- | - - s
evidence_take_back          internal GET  ----- ----- -222- ----- ..... | - . s
evidence_take_back          internal POST ----- ----- -222- ----- ..... | - . s
evidence_remove             public   GET  -22-- --2-- ----- --2-- ----- | 2 - s
evidence_remove             internal GET  -22-- --2-- ----- --2-- ..... | 2 . s
evidence_remove             internal POST -22-- --2-- ----- --2-- ..... | 2 . s
dependency_add              public   GET  -22-- --2-- -22-- -22-- ----- | 2 - s
dependency_add              internal GET  -22-- --2-- -22-- -22-- ..... | 2 . s
dependency_add              internal POST -22-- --2-- -22-- -22-- ..... | 2 . s
dependency_remove           internal POST -33-- --3-- -33-- -33-- ..... | 3 . s
milestone_add               public   GET  --2-- --2-- ----- --2-- ----- | 2 - s
milestone_add               internal GET  --2-- --2-- ----- --2-- ..... | 2 . s
milestone_add               internal POST --2-- --2-- ----- --2-- ..... | 2 . s
milestone_change            public   GET  -22-- --2-- -22-- -22-- ----- | 2 - s
milestone_change            internal GET  -22-- --2-- -22-- -22-- ..... | 2 . s
milestone_change            internal POST -22-- --2-- -22-- -22-- ..... | 2 . s
milestone_complete          public   POST -33-- --3-- -33-- -33-- ----- | 3 - s
milestone_complete          internal POST -33-- --3-- -33-- -33-- ..... | 3 . s
figure_add                  public   GET  -22-- --2-- -22-- -22-- ----- | 2 - s
figure_add                  internal GET  -22-- --2-- -22-- -22-- ..... | 2 . s
figure_add                  internal POST -22-- --2-- -22-- -22-- ..... | 2 . s
round_add                   public   GET  ----- ----- ----- ----- ----- | 2 - s
round_add                   internal GET  --2-- --2-- ----- ----- ..... | 2 . s
round_add                   internal POST --2-- --2-- ----- ----- ..... | 2 . s
commitment_history_export   public   GET  --2-- --2-- ----- --2-- ----- | 2 - s
commitment_history_export   internal GET  --2-2 --2-- ----- --2-- ..... | 2 . s
plan_history_export         public   GET  ----- ----- ----- ----- ----- | 2 - s
plan_history_export         internal GET  --2-2 --2-- ----- ----- ..... | 2 . s
commitment_history          public   GET  22222 22222 22222 22222 22222 | 2 2 s
commitment_history          internal GET  22222 22222 22222 22222 ..... | 2 . s
commitment_history          draft    GET  22222 22222 ..... ..... ..... | 2 . s
assign                      -        GET  ..... ..... ..... ..... ..... | . . s
assign                      split    GET  ..2.2 ..... ..... ..... ..2.2 | 2 . s
assign                      split    POST ..2.2 ..... ..... ..... ..2.2 | 2 . s
organisation                -        GET  22222 22222 22222 22222 22222 | 2 2 s
organisation                merged   GET  22222 22222 22222 22222 22222 | 2 2 s
progress_add                public   GET  -22-- --2-- -22-- -22-- ----- | - - s
progress_add                internal GET  -22-- --2-- -22-- -22-- ..... | - . s
progress_add                internal POST -22-- --2-- -22-- -22-- ..... | - . s
progress_add                draft    GET  -22-- --2-- ..... ..... ..... | - . s
progress_table              -        GET  -22-- -22-- -22-- -22-- -22-- | - - s
progress_table              -        POST -22-- -22-- -22-- -22-- -22-- | - - s
draft_save                  internal POST -33-- --3-- -33-- -33-- ..... | - . s
draft_save                  draft    POST -33-- --3-- ..... ..... ..... | - . s
draft_discard               internal POST -33-- --3-- -33-- -33-- ..... | - . s
update                      public   GET  22222 22222 22222 22222 22222 | 2 2 s
update                      internal GET  22222 22222 22222 22222 ..... | 2 . s
update                      draft    GET  22222 22222 ..... ..... ..... | 2 . s
update_return               public   POST --2-- --2-- ----- --2-- ----- | 2 - s
update_return               internal POST --2-- --2-- ----- --2-- ..... | 2 . s
update_withdraw             public   POST -33-- ----- ----- ----- ----- | - - s
update_withdraw             internal POST -33-- ----- ----- ----- ..... | - . s
rounds                      public   GET  22222 22222 22222 22222 22222 | 2 2 s
rounds                      internal GET  22222 22222 22222 22222 ..... | 2 . s
round                       public   GET  22222 22222 22222 22222 22222 | 2 2 s
round                       internal GET  22222 22222 22222 22222 ..... | 2 . s
round_owed                  public   GET  22222 22222 22222 22222 22222 | 2 2 s
round_owed                  internal GET  22222 22222 22222 22222 ..... | 2 . s
round_nudge                 public   POST ----- ----- ----- ----- ----- | 3 - s
round_nudge                 internal POST --3-- --3-- ----- ----- ..... | 3 . s
round_extend                internal GET  --2-- --2-- ----- ----- ..... | 2 . s
round_extend                internal POST --2-- --2-- ----- ----- ..... | 2 . s
round_reopen                internal GET  --2-- --2-- ----- ----- ..... | 2 . s
round_reopen                internal POST --2-- --2-- ----- ----- ..... | 2 . s
system_rounds               -        GET  ..... ..... ..... ..... ..... | . . s
system_rounds               system   GET  22222 22222 22222 22222 22222 | 2 2 s
system_round_add            system   GET  ----- --2-- ----- ----- ----- | 2 - s
system_round_add            system   POST ----- --2-- ----- ----- ----- | 2 - s
nudge_owing                 -        POST --3-- --3-- ----- ----- ----- | 3 - s
uploads                     -        GET  --2-2 --2-2 --2-2 --2-2 --2-2 | 2 - s
upload_add                  -        GET  --2-2 --2-2 --2-2 --2-2 --2-2 | 2 - s
upload_add                  -        POST --2-2 --2-2 --2-2 --2-2 --2-2 | 2 - s
upload_template             -        GET  --2-2 --2-2 --2-2 --2-2 --2-2 | 2 - s
upload                      -        GET  ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_apply                -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_discard              -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_file                 -        GET  ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_progress             -        GET  ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_marked               -        GET  ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_columns              -        GET  ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_columns              -        POST ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_names                -        GET  ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_names                -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_same                 -        POST ..2.2 ..2.. ..... ..... ..... | 2 . s
upload_withdraw             -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_again                -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_undo                 -        GET  ..3.3 ..3.. ..... ..... ..... | 3 . s
upload_undo                 -        POST ..3.3 ..3.. ..... ..... ..... | 3 . s
return_add                  -        GET  -22-- -22-- -22-- -22-- -22-- | 2 - s
return_add                  -        POST -22-- -22-- -22-- -22-- -22-- | 2 - s
return_page                 -        GET  .2... ..... ..... ..... ..... | . . s
return_progress             -        GET  .2... ..... ..... ..... ..... | . . s
return_again                -        POST .3... ..... ..... ..... ..... | . . s
return_send                 -        POST .3... ..... ..... ..... ..... | . . s
return_discard              -        POST .3... ..... ..... ..... ..... | . . s
return_original             -        GET  .2... ..... ..... ..... ..... | . . s
return_marked               -        GET  .3... ..... ..... ..... ..... | . . s
commitments_export          -        GET  22222 22222 22222 22222 22222 | 2 2 s
commitments_export          -        POST 33333 33333 33333 33333 33333 | 3 3 s
exports                     -        GET  22222 22222 22222 22222 22222 | 2 2 s
export                      -        GET  ..2.. ..... ..... ..... ..... | . . s
export_progress             -        GET  ..2.. ..... ..... ..... ..... | . . s
export_file                 -        GET  ..2.. ..... ..... ..... ..... | . . s
round_returns               -        GET  -22-- --2-- ----- -22-- ..... | 2 . s
return_file                 -        GET  -22-- --2-- ----- -..-- ..... | 2 . s
return_file                 -        POST -33-- --3-- ----- -..-- ..... | 3 . s
commitment_reminders        public   GET  -22-- --2-- -22-- -22-- ----- | 2 - s
commitment_reminders        internal GET  -22-- --2-- -22-- -22-- ..... | 2 . s
inbox                       -        GET  22222 22222 22222 22222 22222 | 2 2 s
inbox_read                  -        POST 33333 33333 33333 33333 33333 | 3 3 s
my_reminders                -        GET  22222 22222 22222 22222 22222 | 2 2 s
reminder_choices            -        GET  22222 22222 22222 22222 22222 | 2 2 s
reminder_choices            -        POST 22222 22222 22222 22222 22222 | 2 2 s
reminders_unsubscribe       -        GET  ..... ..... ..... ..... ..... | . . .
reminders_unsubscribe       -        POST ..... ..... ..... ..... ..... | . . .
calendar                    -        GET  22222 22222 22222 22222 22222 | 2 2 s
calendar_add                -        POST 33333 33333 33333 33333 33333 | 3 3 s
calendar_revoke             -        POST ..... ..... ..... ..... ..... | . . s
calendar_feed               -        GET  ..... ..... ..... ..... ..... | . . .
milestone_calendar          public   GET  22222 22222 22222 22222 22222 | 2 2 s
milestone_calendar          internal GET  22222 22222 22222 22222 ..... | 2 . s
plan_ladder                 public   GET  ----- ----- ----- ----- ----- | 2 - s
plan_ladder                 internal GET  --2-- --2-- ----- ----- ..... | 2 . s
plan_ladder                 internal POST --2-- --2-- ----- ----- ..... | 2 . s
undelivered                 -        GET  ----2 ----2 ----2 ----2 ----2 | 2 - s
undelivered_again           -        POST ----. ----. ----. ----. ----. | . - s
undelivered_address_again   -        POST ----. ----. ----. ----. ----. | . - s
notify_receipt              -        POST ..... ..... ..... ..... ..... | . . .
outbox                      -        GET  22222 22222 22222 22222 22222 | 2 2 s
outbox_message              -        GET  ..... ..... ..... ..... ..... | . . s
outbox_html                 -        GET  ..... ..... ..... ..... ..... | . . s
"""

LIBRARY_EXPECTED = """
account_login                        - GET  3 3 2
account_login                        - POST 3 3 2
account_logout                       - GET  2 2 s
account_logout                       - POST 3 3 3
account_inactive                     - GET  2 2 2
account_inactive                     - POST x x x
account_signup                       - GET  3 3 2
account_signup                       - POST 3 3 2
account_reauthenticate               - GET  2 2 s
account_reauthenticate               - POST 2 2 s
account_email                        - GET  2 2 s
account_email                        - POST 3 3 s
account_email_verification_sent      - GET  2 2 2
account_email_verification_sent      - POST x x x
account_change_password              - GET  2 2 s
account_change_password              - POST 2 2 s
account_set_password                 - GET  3 3 s
account_set_password                 - POST 3 3 s
account_reset_password               - GET  2 2 2
account_reset_password               - POST 2 2 2
account_confirm_login_code           - GET  3 3 s
account_confirm_login_code           - POST 3 3 s
account_confirm_email                - GET  2 2 2
account_confirm_email                - POST . . .
account_reset_password_from_key_done - GET  2 2 2
account_reset_password_from_key_done - POST x x x
account_reset_password_from_key      - GET  2 2 2
account_reset_password_from_key      - POST 2 2 2
account_reset_password_done          - GET  2 2 2
account_reset_password_done          - POST x x x
mfa_index                            - GET  2 2 s
mfa_index                            - POST x x s
mfa_authenticate                     - GET  3 3 s
mfa_authenticate                     - POST 3 3 s
mfa_reauthenticate                   - GET  3 3 s
mfa_reauthenticate                   - POST 3 3 s
mfa_activate_totp                    - GET  3 3 s
mfa_activate_totp                    - POST 3 3 s
mfa_deactivate_totp                  - GET  . . s
mfa_deactivate_totp                  - POST . . s
mfa_view_recovery_codes              - GET  . . s
mfa_view_recovery_codes              - POST x x s
mfa_generate_recovery_codes          - GET  3 3 s
mfa_generate_recovery_codes          - POST 3 3 s
mfa_download_recovery_codes          - GET  . . s
mfa_download_recovery_codes          - POST . . s
mfa_list_webauthn                    - GET  2 2 s
mfa_list_webauthn                    - POST x x s
mfa_add_webauthn                     - GET  3 3 s
mfa_add_webauthn                     - POST 3 3 s
mfa_reauthenticate_webauthn          - GET  3 3 s
mfa_reauthenticate_webauthn          - POST 3 3 s
mfa_remove_webauthn                  - GET  3 3 s
mfa_remove_webauthn                  - POST 3 3 s
mfa_edit_webauthn                    - GET  3 3 s
mfa_edit_webauthn                    - POST 3 3 s
mfa_login_webauthn                   - GET  3 3 s
mfa_login_webauthn                   - POST 3 3 s
socialaccount_login_cancelled        - GET  2 2 2
socialaccount_login_cancelled        - POST x x x
socialaccount_login_error            - GET  u u s
socialaccount_login_error            - POST x x s
socialaccount_signup                 - GET  s s s
socialaccount_signup                 - POST s s s
socialaccount_connections            - GET  2 2 s
socialaccount_connections            - POST 2 2 s
openid_connect_login                 - GET  . . .
openid_connect_login                 - POST . . .
openid_connect_callback              - GET  . . .
openid_connect_callback              - POST . . .
usersessions_list                    - GET  2 2 s
usersessions_list                    - POST 3 3 s
accounts/social/login/cancelled/     - GET  3 3 s
accounts/social/login/error/         - GET  3 3 s
accounts/social/signup/              - GET  3 3 s
accounts/social/connections/         - GET  3 3 s
"""


Row = tuple[str, str, str, dict[str, str]]


def rows() -> list[Row]:
    """The table as (address, about what, method, {column: letter})."""
    people = [f"{relation} {role}" for relation in RELATIONS for role in ROLES]
    return _read(EXPECTED, [*people, *OTHERS])


def library_rows() -> list[Row]:
    """The libraries' table, for the platform administrator, nobody and who has not signed in."""
    return _read(LIBRARY_EXPECTED, list(OTHERS))


def _read(table: str, columns: list[str]) -> list[Row]:
    found = []
    for line in table.strip().splitlines():
        name, about, method, *letters = line.replace("|", " ").split()
        found.append((name, about, method, dict(zip(columns, "".join(letters), strict=True))))
    return found


def document() -> str:
    """docs/permission-matrix.md: the counts, and the tables as they are checked."""
    table, libraries = rows(), library_rows()
    names = {name for name, *_ in table}
    answers = sum(len(letters) for *_, letters in (*table, *libraries))
    legend = (__doc__ or "").split("\n\n", 2)
    return "\n".join(
        [
            "# Who gets what at every address",
            "",
            "Written by `python -m tests.permissions.matrix`; tests/permissions walks it.",
            "",
            f"{len(names)} addresses in {len(table)} rows (what they are about, GET and POST) x "
            f"{len(ROLES)} roles x {len(RELATIONS)} relations, and {len(OTHERS)} people who belong "
            f"nowhere; {len({name for name, *_ in libraries})} addresses of libraries in "
            f"{len(libraries)} rows. {answers:,} answers.",
            "",
            legend[1],
            "",
            legend[2].strip("\n"),
            "",
            "```",
            EXPECTED.strip(),
            "```",
            "",
            "Pages of libraries (sign-in, second factors, sessions), for the same last three:",
            "",
            "```",
            LIBRARY_EXPECTED.strip(),
            "```",
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
