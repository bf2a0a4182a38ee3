package cli_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func TestConnectorSchedule(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		line := o.run("--json", "connector", "schedule", id, "full", "0 0/5 * * * ?").wants(0).last()
		require.Equal(o.t, true, line["enabled"])
		require.Len(o.t, line["next"], 3)
		first, err := time.Parse(time.RFC3339, line["next"].([]any)[0].(string))
		require.NoError(o.t, err)
		require.Zero(o.t, first.Minute()%5)
		o.run("connector", "schedule", id, "access_control", "0", "0", "0", "*", "*", "?").wants(0).says("access_control syncs are due by 0 0 0 * * ?")
		require.Contains(o.t, o.run("connector", "schedule", id, "full", "0 0 25 * * ?").wants(2).stderr, "^")
		require.Contains(o.t, o.run("connector", "schedule", id, "incremental", "0 0 0 * * ?").wants(2).stderr, "use full ones")
		o.run("connector", "schedule", id, "full", "off").wants(0).says("are not scheduled")
		require.Equal(o.t, map[protocol.JobType]protocol.Schedule{
			protocol.Full: {Interval: "0 0/5 * * * ?"}, protocol.AccessControl: {Enabled: true, Interval: "0 0 0 * * ?"}, protocol.Incremental: {Interval: protocol.NoSchedule},
		}, o.connector(id).Scheduling)
	})
}

func TestConnectorPipeline(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		o.run("connector", "pipeline", id, "--extract-binary-content=false").wants(0).says("content of files off, spaces on, inference on")
		r := o.run("--json", "connector", "pipeline", id, "mine-"+o.part).wants(0)
		require.Equal(o.t, false, r.last()["extract_binary_content"], "the rest stays")
		require.Contains(o.t, r.stderr, "there is no pipeline mine-"+o.part)
		require.Equal(o.t, "mine-"+o.part, o.connector(id).Pipeline.Name)
	})
}

func TestConnectorRules(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		file := filepath.Join(o.home, "rules.json")
		o.run("connector", "rules", id).wants(0).says("none: every document is kept")
		o.write(file, `[{"id":"no-text","policy":"exclude","field":"path","rule":"ends_with","value":".txt","order":1}]`)
		line := o.run("--json", "connector", "rules", id, "--rules", file).wants(0).last()
		require.Equal(o.t, "valid", line["state"])
		require.Equal(o.t, line["draft"], line["active"])
		rules := line["active"].(map[string]any)["rules"].([]any)
		require.Len(o.t, rules, 2, "the default rule is added")
		require.NotEmpty(o.t, rules[0].(map[string]any)["created_at"])
		o.run("connector", "rules", id, "--show").wants(0).says(`no-text: exclude path ends_with ".txt"`)
		o.run("connector", "show", id).wants(0).says("1 basic rule in use; the draft is valid")

		active := o.connector(id).Filtering
		o.write(file, `[{"id":"a","policy":"exclude","field":"path","rule":"regex","value":"(","order":1}]`)
		require.Contains(o.t, o.run("connector", "rules", id, "--rules", file).wants(2).stderr, "rule 1")
		require.Equal(o.t, string(active), string(o.connector(id).Filtering), "nothing is written of what is malformed")

		job := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		o.serveOnce(id).wants(0)
		require.EqualValues(o.t, 1, o.run("--json", "job", "show", job).wants(0).last()["counters"].(map[string]any)["filtered"])
	})
}

// Where the source can't be reached from here, the draft is left to a service.
func TestRulesWaitForAServiceThatReachesTheSource(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		require.NoError(o.t, os.Rename(o.dir, o.dir+"-away"))
		file := filepath.Join(o.home, "rules.json")
		o.write(file, `{"rules":[],"advanced_snippet":{"value":[{"pattern":"*.md"}]}}`)
		r := o.run("connector", "rules", id, "--rules", file).wants(0).says("the draft waits to be validated").says(`"pattern"`)
		require.Contains(o.t, r.stderr, "wait until a running service validates them")
		require.NoError(o.t, os.Rename(o.dir+"-away", o.dir))
		o.serveOnce(id).wants(0)
		o.run("connector", "rules", id).wants(0).says(`advanced: [{"pattern":"*.md"}]`)
	})
}

func TestConnectorDelete(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		job := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		o.serveOnce(id).wants(0)
		waiting := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		line := o.run("--json", "connector", "delete", id, "--yes").wants(0).last()
		require.Equal(o.t, []any{waiting}, line["canceled"])
		require.Empty(o.t, line["deleted_indices"])
		require.True(o.t, o.connector(id).Deleted)
		require.Contains(o.t, o.run("connector", "show", id).wants(2).stderr, "there is no connector")
		there, err := o.elastic.Index(o.name("docs")).Exists(o.t.Context())
		require.NoError(o.t, err)
		require.True(o.t, there, "the index stays")
		o.run("job", "show", job).wants(0).says("completed")

		o.run("connector", "create", "directory", "directory="+o.dir, "--id", id, "--index", o.name("docs"), "--adopt").wants(0)
		o.run("connector", "delete", id, "--yes", "--delete-index").wants(0).says("deleted " + o.name("docs"))
		there, err = o.elastic.Index(o.name("docs")).Exists(o.t.Context())
		require.NoError(o.t, err)
		require.False(o.t, there)
	})
}
