-- Does PostgreSQL answer at all?
-- answer: always 1
select 1 as answer
