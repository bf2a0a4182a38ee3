package binlog_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// event is an event as it is in the log, without checksum.
func event(kind binlog.Type, end uint32, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	e := []byte{0, 0, 0, 0, byte(kind)}
	e = binary.LittleEndian.AppendUint32(e, 7)
	e = binary.LittleEndian.AppendUint32(e, uint32(19+len(b)))
	e = binary.LittleEndian.AppendUint32(e, end)
	return append(append(e, 0, 0), b...)
}

func ok(e []byte) []byte { return append([]byte{0}, e...) }

// packets are what the server sends, the long ones in several.
func packets(list ...[]byte) (all []byte) {
	for _, p := range list {
		for {
			n := min(len(p), 1<<24-1)
			all = append(append(all, byte(n), byte(n>>8), byte(n>>16), 1), p[:n]...)
			p = p[n:]
			if n < 1<<24-1 {
				break
			}
		}
	}
	return all
}

// stream is a log that a server answers with; said is the command it got.
func stream(t testing.TB, open func(*binlog.Tap) (*binlog.Stream, error), answer []byte) (s *binlog.Stream, said []byte) {
	t.Helper()
	client, server := net.Pipe()
	done := make(chan []byte, 1)
	go func() {
		var head [4]byte
		_, _ = io.ReadFull(server, head[:])
		command := make([]byte, head[0])
		_, _ = io.ReadFull(server, command)
		done <- command
		_, _ = server.Write(answer)
		_ = server.Close()
	}()
	s, err := open(binlog.NewTap(client, nil))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return s, <-done
}

func start(tap *binlog.Tap) (*binlog.Stream, error) { return binlog.At(tap, "log.000007", 0) }

func TestCommands(t *testing.T) {
	_, said := stream(t, start, nil)
	require.Equal(t, "\x12\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00log.000007", string(said))
	set, err := binlog.ParseGTIDSet("3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:7,\n00000000-0000-0000-0000-000000000001:9")
	require.NoError(t, err)
	_, said = stream(t, func(tap *binlog.Tap) (*binlog.Stream, error) { return binlog.After(tap, set) }, nil)
	require.Equal(t, "\x1e\x01\x00"+strings.Repeat("\x00", 8)+"\x04"+strings.Repeat("\x00", 7)+"\x68\x00\x00\x00"+
		"\x02"+strings.Repeat("\x00", 22)+"\x01\x01\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00"+
		"\x3e\x11\xfa\x47\x71\xca\x11\xe1\x9e\x33\xc8\x0a\xa9\x42\x95\x62\x02\x00\x00\x00\x00\x00\x00\x00"+
		"\x01\x00\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00", string(said))
}

func TestGTIDSet(t *testing.T) {
	const a, b = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "00000000-0000-0000-0000-000000000001"
	set, err := binlog.ParseGTIDSet(a + ":5-7:1-2")
	require.NoError(t, err)
	require.Equal(t, a+":1-2:5-7", set.String())
	set.Add(a, 3)
	set.Add(a, 4)
	set.Add(a, 6)
	set.Add(b, 1)
	require.Equal(t, b+":1,"+a+":1-7", set.String())
	empty, err := binlog.ParseGTIDSet("")
	require.NoError(t, err)
	require.Empty(t, empty.String())
	for _, text := range []string{"x", a, a + ":", a + ":0", a + ":5-4", a + ":tag:1", "3e11fa4771ca11e19e33c80aa9429562:1"} {
		_, err := binlog.ParseGTIDSet(text)
		require.Error(t, err, text)
	}
	maria, err := binlog.ParseMariaSet("1-2-3,0-1-100")
	require.NoError(t, err)
	require.Equal(t, "0-1-100,1-2-3", maria.String())
	_, err = binlog.ParseMariaSet("0-1")
	require.Error(t, err)
}

// names is the head of a TableMap event and its columns.
func table(number byte, types []byte, meta ...byte) []byte {
	return event(binlog.TableMap, 100, []byte{number, 0, 0, 0, 0, 0, 1, 0, 4}, []byte("shop\x00\x05items\x00"),
		[]byte{byte(len(types))}, types, []byte{byte(len(meta))}, meta, []byte{0xff})
}

func TestRows(t *testing.T) {
	// INT, VARCHAR(300), BLOB, DATETIME(3), BIT(10), DECIMAL(5,2), ENUM, INT
	types := table(9, []byte{3, 15, 252, 18, 16, 246, 254, 3}, 0x2c, 1, 2, 3, 2, 1, 5, 2, 247, 1)
	row := func(n byte) []byte {
		return append([]byte{0, n, 0, 0, 0, 1, 0, 'x', 2, 0, 'b', 'b', 1, 2, 3, 4, 5, 6, 7, 3, 0xff}, []byte{0x80, 1, 50, 1, n, n, 0, 0}...)
	}
	head := []byte{9, 0, 0, 0, 0, 0, 1, 0, 2, 0, 8, 0xff}
	s, _ := stream(t, start, packets(
		ok(types),
		ok(event(30, 1, head, row(1), row(2))),
		ok(event(31, 1, head, []byte{0xff}, row(1), row(2))),
		ok(event(32, 1, head, row(1))),
		ok(event(39, 1, head, []byte{0xff}, row(1), row(2))),
		ok(event(32, 1, head, row(1)[:10])),
		ok(event(32, 1, head[:5])),
		ok(event(32, 1, []byte{9, 0, 0, 0, 0, 0, 1, 0, 2, 0, 7, 0x7f})),
		ok(event(33, 1, []byte{1}, bytes.Repeat([]byte{0xab}, 16), []byte{5, 0, 0, 0, 0, 0, 0, 0})),
		ok(event(33, 1, []byte{1})),
		[]byte{0xfe},
	))
	next := func() binlog.Event {
		e, err := s.Next(t.Context())
		require.NoError(t, err)
		return e
	}
	tm, err := next().Table()
	require.NoError(t, err)
	require.Equal(t, 8, tm.Columns())
	keys := func(e binlog.Event) (text string, err error) {
		require.True(t, e.IsRows())
		rows, err := e.Rows()
		if err != nil {
			return "", err
		}
		err = rows.Each(tm, []int{7, 0}, func(before, after []binlog.Value) error {
			for _, image := range [][]binlog.Value{before, after} {
				for _, v := range image {
					text += string('0' + rune(v.Bytes[0]))
				}
				text += "|"
			}
			return nil
		})
		return text, err
	}
	for _, want := range []string{"|11||22|", "11|22|", "11||"} {
		got, err := keys(next())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, says := range []string{"parts of JSON values are logged", "shorter than it says", "shorter than it says", "rows have 7 columns, the table has 8"} {
		_, err := keys(next())
		require.ErrorContains(t, err, says)
	}
	server, number, err := next().GTID()
	require.NoError(t, err)
	require.Equal(t, "abababab-abab-abab-abab-abababababab", server)
	require.Equal(t, int64(5), number)
	_, _, err = next().GTID()
	require.Error(t, err)
	_, err = s.Next(t.Context())
	require.ErrorIs(t, err, io.EOF)
}

func TestTables(t *testing.T) {
	for _, types := range [][]byte{{20}, {99}} { // nobody can skip their values
		s, _ := stream(t, start, packets(ok(table(1, types)), ok(event(30, 1, []byte{1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 1, 0, 5}))))
		e, err := s.Next(t.Context())
		require.NoError(t, err)
		tm, err := e.Table()
		require.NoError(t, err)
		e, err = s.Next(t.Context())
		require.NoError(t, err)
		rows, err := e.Rows()
		require.NoError(t, err)
		require.ErrorContains(t, rows.Each(tm, []int{0}, nil), "a column has the unknown type")
	}
	s, _ := stream(t, start, packets(ok(table(1, []byte{15})[:50])))
	e, err := s.Next(t.Context())
	require.NoError(t, err)
	_, err = e.Table()
	require.ErrorContains(t, err, "table shop.items")
	// CHAR(255) of four bytes a character: the length goes on in the type
	s, _ = stream(t, start, packets(ok(table(1, []byte{254}, 0xce, 0xfc)), ok(event(30, 1, []byte{1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 1, 0, 2, 0, 'h', 'i'}))))
	e, _ = s.Next(t.Context())
	tm, err := e.Table()
	require.NoError(t, err)
	e, _ = s.Next(t.Context())
	rows, err := e.Rows()
	require.NoError(t, err)
	require.NoError(t, rows.Each(tm, []int{0}, func(_, after []binlog.Value) error {
		require.Equal(t, "hi", string(after[0].Bytes))
		require.EqualValues(t, 254, after[0].Code)
		return nil
	}))
}

// payload is a compressed transaction of MySQL.
func payload(kind byte, data []byte) []byte {
	b := []byte{1, 3, 0xfd, byte(len(data)), byte(len(data) >> 8), 2, 1, kind, 3, 9, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	return ok(event(40, 500, b, data))
}

func TestCompressedTransaction(t *testing.T) {
	inside := append(event(2, 1, bytes.Repeat([]byte{0}, 14), []byte("BEGIN")), event(16, 2, []byte("12345678"))...)
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	for _, p := range [][]byte{payload(0, encoder.EncodeAll(inside, nil)), payload(0xff, inside)} {
		s, _ := stream(t, start, packets(p, []byte{0xfe}))
		var kinds []binlog.Type
		for {
			e, err := s.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			if e.Type == binlog.Query {
				q, err := e.Statement()
				require.NoError(t, err)
				require.Equal(t, "BEGIN", q.Text)
			}
			kinds = append(kinds, e.Type)
		}
		require.Equal(t, []binlog.Type{40, binlog.Query, binlog.XID}, kinds)
	}
	require.NoError(t, encoder.Close())
	for _, p := range [][]byte{payload(0, inside), payload(5, inside), payload(0xff, inside[:30]), payload(0xff, inside[:10]), ok(event(40, 1, []byte{1})), payload(0, []byte{1})} {
		s, _ := stream(t, start, packets(p))
		_, err := s.Next(t.Context())
		require.Error(t, err)
	}
}

func TestCompressedEvents(t *testing.T) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write([]byte("DROP TABLE t"))
	_ = w.Close()
	head := append(bytes.Repeat([]byte{0}, 8), 1, 0, 0, 0, 0, 'd', 0)
	s, _ := stream(t, start, packets(ok(event(165, 1, head, []byte{0x81, 12}, z.Bytes())), ok(event(165, 1, head, []byte{0x81})), ok(event(165, 1, head, []byte{0x81, 12, 5})), ok(event(165, 1)), ok(event(167, 1))))
	e, err := s.Next(t.Context())
	require.NoError(t, err)
	q, err := e.Statement()
	require.NoError(t, err)
	require.Equal(t, binlog.Statement{Database: "d", Text: "DROP TABLE t"}, q)
	for range 4 {
		_, err = s.Next(t.Context())
		require.Error(t, err)
	}
}

func TestAnswers(t *testing.T) {
	long := event(binlog.Rotate, 0, []byte{4, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{'f'}, 1<<24))
	summed := event(binlog.Rotate, 0, []byte{4, 0, 0, 0, 0, 0, 0, 0}, []byte("log.000008"))
	summed = binary.LittleEndian.AppendUint32(summed, crc32.ChecksumIEEE(summed))
	s, _ := stream(t, start, packets(ok(long), ok(summed), ok([]byte{1}), []byte{0xff, 0xd4, 4, '#', 'H', 'Y', '0', '0', '0', 'g', 'o', 'n', 'e'}, []byte{0xff, 1}, []byte{0x55}, nil))
	e, err := s.Next(t.Context())
	require.NoError(t, err)
	file, pos, err := e.NextFile()
	require.NoError(t, err)
	require.Len(t, file, 1<<24)
	require.EqualValues(t, 4, pos)
	e, err = s.Next(t.Context())
	require.NoError(t, err)
	file, _, err = e.NextFile()
	require.NoError(t, err)
	require.Equal(t, "log.000008", file)
	_, err = s.Next(t.Context())
	require.ErrorContains(t, err, "shorter")
	_, err = s.Next(t.Context())
	require.True(t, binlog.Purged(err))
	require.EqualError(t, err, "Error 1236: gone")
	for _, says := range []string{"shorter", "begins with 0x55", "shorter", "read the binary log: EOF"} {
		_, err = s.Next(t.Context())
		require.ErrorContains(t, err, says)
		require.False(t, binlog.Purged(err))
	}
	for _, kind := range []binlog.Type{binlog.Query, binlog.Rotate, binlog.MariaID} {
		s, _ := stream(t, start, packets(ok(event(kind, 0, []byte{1}))))
		e, err := s.Next(t.Context())
		require.NoError(t, err)
		_, err1 := e.Statement()
		_, _, err2 := e.NextFile()
		_, err3 := e.MariaGTID()
		require.Error(t, errors.Join(err1, err2, err3))
	}
}

func TestCanceled(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _, _ = client.Close(), server.Close() }()
	go func() { _, _ = io.ReadFull(server, make([]byte, 25)) }()
	s, err := start(binlog.NewTap(client, nil))
	require.NoError(t, err)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(why) })
	_, err = s.Next(ctx)
	require.ErrorIs(t, err, why)
}

func FuzzEvents(f *testing.F) {
	f.Add(event(30, 1, []byte{9, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 0xff, 0, 1, 2, 3, 4}), table(9, []byte{3}))
	f.Add(event(31, 1, []byte{9, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 0xff, 0xff, 0, 1, 2, 3, 4}), table(9, []byte{246}, 5, 2))
	f.Add(event(165, 1, bytes.Repeat([]byte{0}, 30)), table(9, []byte{254, 16, 252}, 247, 1, 2, 1, 4))
	f.Add(payload(0xff, event(2, 1, []byte("x")))[1:], table(9, []byte{15, 17, 18, 19}, 0, 1, 3, 3, 3))
	f.Fuzz(func(t *testing.T, rows, columns []byte) {
		s, _ := stream(t, start, packets(ok(columns), ok(rows), []byte{0xfe}))
		var tm *binlog.Table
		for {
			e, err := s.Next(t.Context())
			if err != nil {
				return
			}
			_, _ = e.Statement()
			_, _, _ = e.NextFile()
			_, _ = e.MariaGTID()
			_, _, _ = e.GTID()
			if tm == nil {
				tm, _ = e.Table()
				continue
			}
			r, err := e.Rows()
			if err != nil {
				continue
			}
			_ = r.Each(tm, []int{0, 1, 2}, func(before, after []binlog.Value) error {
				for _, v := range append(before, after...) {
					if v.Code == binlog.Decimal {
						_, _ = v.DecimalText()
					}
				}
				return nil
			})
		}
	})
}
