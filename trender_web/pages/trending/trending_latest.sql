-- Every repository that competes now, also beyond the hundred of each language: a day's or a
-- month's risers need not have much momentum.
select * from analytics.repositories_current where is_ranked
