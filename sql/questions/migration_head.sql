-- Up to where is it migrated, and for which environment was that done?
-- migration_file: the newest one that is recorded, checksum: of its text, environment: as the migrations were run.
-- Source: contract, section 5.
select migration_file, checksum, environment
from public.migration_history
order by migration_file desc
limit 1
