SELECT t.oid, t.typbasetype,
  CASE WHEN t.typoutput IN ('pg_catalog.array_out'::pg_catalog.regproc, 'pg_catalog.int2vectorout'::pg_catalog.regproc,
    'pg_catalog.oidvectorout'::pg_catalog.regproc) THEN t.typelem ELSE 0 END,
  CASE WHEN t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc THEN coalesce(e.typdelim, ',') ELSE ' ' END
  FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE
