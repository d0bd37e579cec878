/** The machine of a broker under test: its disks, its clock, its names of hosts. */
@NullMarked
package io.taskbroker.proving.machine;

import org.jspecify.annotations.NullMarked;
