/** What all jobs share. */
@NullMarked
package io.taskbroker.application;

import org.jspecify.annotations.NullMarked;
