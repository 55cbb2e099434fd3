-- Claims are counted in the order of the people of a series, a thousand at a time. By `deployments_by_person` SQLite, which
-- knows nothing of how rows are spread, read all of a series for each thousand.
CREATE INDEX deployments_by_series ON deployments (series, person);
