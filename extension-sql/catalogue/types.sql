SELECT t.oid, t.typbasetype,
  CASE WHEN t.typoutput IN ('pg_catalog.array_out'::pg_catalog.regproc, 'pg_catalog.int2vectorout'::pg_catalog.regproc,
    'pg_catalog.oidvectorout'::pg_catalog.regproc) THEN t.typelem ELSE 0 END,
  CASE WHEN t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc THEN coalesce(e.typdelim, ',') ELSE ' ' END,
  coalesce(CASE t.typtype
    WHEN 'r' THEN (SELECT r.rngsubtype::pg_catalog.text FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
    WHEN 'm' THEN (SELECT r.rngsubtype::pg_catalog.text FROM pg_catalog.pg_range r
      WHERE pg_catalog.to_jsonb(r) ->> 'rngmultitypid' = t.oid::pg_catalog.text)
    WHEN 'c' THEN (SELECT pg_catalog.string_agg(a.atttypid::pg_catalog.text, ' ' ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
  END, '')
  FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE
