/** Rules that operators change while the broker runs: what is dropped, and what is demoted. */
@NullMarked
package io.taskbroker.domain.rules;

import org.jspecify.annotations.NullMarked;
