-- What time does the database server say it is?
-- now_seconds: seconds since 1970, UTC
select extract(epoch from clock_timestamp())::float8 as now_seconds
