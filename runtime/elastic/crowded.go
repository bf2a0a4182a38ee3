package elastic

import (
	"fmt"
	"strconv"
)

// defaultFields is how many fields an index may have unless its settings say
// otherwise.
const defaultFields = 1000

// warnCrowded warns about an index that may soon refuse documents because it
// has as many fields as it may: more than 80 % of them are taken.
func (x *Index) warnCrowded(t *target) {
	limit, err := strconv.Atoi(t.limit)
	if err != nil {
		limit = defaultFields
	}
	if n := t.mapping.count(); n > limit*8/10 {
		x.client.log.Warn("the index has nearly as many fields as it may: documents with new ones will be refused; map objects with many names as flattened, or raise index.mapping.total_fields.limit",
			"index", x.name, "fields", n, "limit", fmt.Sprint(limit))
	}
}

// count is how many fields there are below one, as Elasticsearch counts them.
func (p property) count() int {
	n := len(p.Properties) + len(p.Fields)
	for _, inner := range p.Properties {
		n += inner.count()
	}
	return n
}
