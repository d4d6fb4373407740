{{ dense_ranks(ref('int_repos_current'), "'current'", 'true') }}
