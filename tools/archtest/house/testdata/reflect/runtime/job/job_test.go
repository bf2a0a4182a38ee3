package job_test

import _ "reflect"
