package embedded

import _ "go.etcd.io/bbolt"
