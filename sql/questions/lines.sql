-- Which production lines does the database hold?
-- line_code: the line's code, in alphabetical order. Source: contract, section 5.
select line_code
from factory_telemetry.production_lines
order by line_code
