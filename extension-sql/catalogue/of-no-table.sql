NOT EXISTS (SELECT FROM pg_catalog.pg_class r
  WHERE r.oid IN (t.typrelid, e.typrelid) AND r.relkind <> 'c')
