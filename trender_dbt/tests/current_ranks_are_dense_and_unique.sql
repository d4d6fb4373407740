{{ dense_ranks(ref('repositories_current'), "'current'", 'true') }}
