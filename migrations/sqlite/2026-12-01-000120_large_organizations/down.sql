DROP INDEX members_by_status_sign_in;
