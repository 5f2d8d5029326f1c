DROP TABLE access_review_lines;
DROP TABLE access_review_reviewers;
DROP TABLE access_reviews;
