// Package cron reads Quartz schedules and says when they are due.
//
// An expression has six fields and an optional seventh, parted by white space:
//
//	field         values         names    beside , - * / ?
//	second        0-59
//	minute        0-59
//	hour          0-23
//	day of month  1-31                    L L-3 15W LW L-3W
//	month         1-12           JAN-DEC
//	day of week   1-7, 1 is SUN  SUN-SAT  L 5L FRIL 6#3 FRI#3
//	year          1970-2199
//
// Each is a list of these, parted by commas:
//
//   - every value; so is ?, which stands alone
//     5         that value; FRI, Friday and friday are one name
//     9-17      a range; 22-2, FRI-MON and NOV-FEB go over the end and on from
//     the start, years don't
//     5/15      from 5 to the end in steps of 15; */15 and /15 begin at the
//     first value, 9-17/2 ends at 17
//     L L-3     last day of the month; three days before it
//     15W       the working day (Monday to Friday) nearest to the 15th in the
//     same month; LW and L-3W begin from the days above
//     FRIL 6L   last Friday of the month; L alone is Saturday, the last day of
//     the week
//     FRI#3     third Friday of the month
//
// A day must be right by both day fields. Quartz wants ? in one of them; that
// is not required here. A month without the day that is asked for is left out:
// 31 and 31W do not exist in April, L-30 and FRI#5 not in every month.
//
// # Zones and changes of the clock
//
// The fields are read on the clock of one zone: that of [Schedule.In], else
// that of the time from which [Schedule.Next] looks on. Where the clock jumps,
// it matters whether the hours are fixed:
//
//   - A schedule whose hour field leaves out any hour selects times of the day,
//     and each of them happens once. If the clock skips it, it happens at the
//     first instant after the gap; several skipped ones happen together, once.
//     If the clock shows it twice, it happens the first time.
//   - A schedule whose hour field selects all 24 hours, however that is
//     written, goes on through the change: skipped times are left out and
//     repeated ones happen both times, so that every ten minutes stays every
//     ten minutes.
package cron
