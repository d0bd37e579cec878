/** The boundaries between the modules, each shown to bite on a tree of wrong code. */
@NullMarked
package io.taskbroker.architecture;

import org.jspecify.annotations.NullMarked;
