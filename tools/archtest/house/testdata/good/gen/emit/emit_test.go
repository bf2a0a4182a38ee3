package emit_test

import _ "reflect"
