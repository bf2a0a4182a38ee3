package protocol

type clause map[string]any

func query(body clause) []byte { return made(body) }

// connectorsQuery asks for one page of connectors. The field of sequence
// numbers is unknown to an index that nothing was mapped in yet.
func connectorsQuery(sel Selection, after int64) []byte {
	filter := []any{clause{"range": clause{"_seq_no": clause{"gt": after}}}}
	if !sel.All {
		filter = append(filter, clause{"bool": clause{"should": []any{
			clause{"terms": clause{"_id": list(sel.IDs)}},
			clause{"bool": clause{
				"filter":   []any{clause{"terms": clause{"service_type": list(sel.ServiceTypes)}}},
				"must_not": []any{clause{"term": clause{"is_native": true}}},
			}},
		}, "minimum_should_match": 1}})
	}
	return query(clause{
		"query": clause{"bool": clause{"filter": filter}}, "size": connectorPage,
		"sort":                []any{clause{"_seq_no": clause{"order": "asc", "unmapped_type": "long"}}},
		"seq_no_primary_term": true,
	})
}

// claimed are the fields that tell which job is to be claimed, and which are
// alive.
var claimed = [...]string{
	"connector.id", "connector.service_type", "connector.index_name", "job_type", "trigger_method", "status",
	"created_at", "started_at", "last_seen", "cancelation_requested_at", "worker_hostname", "metadata.tributary",
}

func liveQuery(sel Selection, ids []string, size int) []byte {
	filter := []any{clause{"terms": clause{"status": []string{"pending", "suspended", "in_progress", "canceling"}}}}
	switch {
	case len(ids) > 0 && len(ids) <= maxTerms:
		filter = append(filter, clause{"terms": clause{"connector.id": ids}})
	case !sel.All:
		filter = append(filter, clause{"bool": clause{"should": []any{
			clause{"terms": clause{"connector.id": list(sel.IDs)}},
			clause{"terms": clause{"connector.service_type": list(sel.ServiceTypes)}},
		}, "minimum_should_match": 1}})
	}
	return query(clause{
		"query": clause{"bool": clause{"filter": filter}}, "size": size, "track_total_hits": true,
		"_source": claimed, "seq_no_primary_term": true, "sort": []any{byCreation("asc")},
	})
}

func historyQuery(connectorID string, size int) []byte {
	which := clause{"match_all": clause{}}
	if connectorID != "" {
		which = clause{"bool": clause{"filter": []any{clause{"term": clause{"connector.id": connectorID}}}}}
	}
	return query(clause{
		"query": which, "size": size, "seq_no_primary_term": true, "sort": []any{byCreation("desc")},
	})
}

// usersOfIndex finds the connectors that write an index.
func usersOfIndex(name string) []byte {
	return query(clause{
		"query": clause{"bool": clause{
			"filter":   []any{clause{"term": clause{"index_name": name}}},
			"must_not": []any{clause{"term": clause{"deleted": true}}},
		}},
		"size": 10, "_source": []string{"index_name"}, "seq_no_primary_term": true,
	})
}

func byCreation(order string) clause {
	return clause{"created_at": clause{"order": order, "unmapped_type": "date"}}
}

// maxTerms is how many ids are put into a query; more are looked for in the
// answer.
const maxTerms = 1000

// list is never null.
func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
