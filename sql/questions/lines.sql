-- Which production lines does the database hold, and how are they?
-- line_code, name, status: the line's, in the order of codes. Source: contract, section 5; statuses in section 2.
select line_code, name, status
from factory_telemetry.production_lines
order by line_code collate "C"
