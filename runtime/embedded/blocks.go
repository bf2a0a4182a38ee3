package embedded

import "net/http"

// block is a setting by which an index refuses to be changed, in Elasticsearch's words.
type block struct {
	setting, label string
	status         int
	mapping        bool // changes of the mapping are refused too
}

var blocks = []block{
	{"index.blocks.read_only", "FORBIDDEN/5/index read-only (api)", http.StatusForbidden, true},
	{"index.blocks.write", "FORBIDDEN/8/index write (api)", http.StatusForbidden, false},
	{
		"index.blocks.read_only_allow_delete",
		"TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
		http.StatusTooManyRequests, true,
	},
}

// blocked is why documents of the index may not be written now, or its mapping not be changed.
func (ix *index) blocked(mapping bool) error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, b := range blocks {
		if ix.settings[b.setting] == "true" && (b.mapping || !mapping) {
			return fail(b.status, "cluster_block_exception", "index [%s] blocked by: [%s];", ix.name, b.label)
		}
	}
	return nil
}
