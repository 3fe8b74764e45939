SELECT pg_catalog.set_config(s.name, s.wanted, false) FROM (VALUES
  ('DateStyle', 'ISO', pg_catalog.current_setting('DateStyle') LIKE 'ISO%'),
  ('IntervalStyle', 'postgres', pg_catalog.current_setting('IntervalStyle') = 'postgres'),
  ('client_encoding', 'UTF8', pg_catalog.current_setting('client_encoding') = 'UTF8'),
  ('extra_float_digits', '3', pg_catalog.current_setting('extra_float_digits')::pg_catalog.int4 >=
    CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 120000 THEN 1 ELSE 3 END),
  ('bytea_output', 'hex', pg_catalog.current_setting('bytea_output') = 'hex'),
  ('lc_monetary', 'C', (-1234.5)::pg_catalog.numeric::pg_catalog.money::pg_catalog.text = '-$1,234.50'),
  ('array_nulls', 'on', pg_catalog.current_setting('array_nulls') = 'on'),
  ('quote_all_identifiers', 'off', pg_catalog.current_setting('quote_all_identifiers') = 'off')
) AS s(name, wanted, is_so) WHERE NOT s.is_so
