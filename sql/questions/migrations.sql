-- Which migrations are recorded as applied?
-- migration_file: the file's name; checksum: SHA-256 of its content, hexadecimal. Source: contract, section 5.
select migration_file, checksum
from public.migration_history
order by migration_file
