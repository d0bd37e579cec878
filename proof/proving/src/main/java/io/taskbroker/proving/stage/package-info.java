/** What a scenario is, what it finds around it, and how it is judged. */
@NullMarked
package io.taskbroker.proving.stage;

import org.jspecify.annotations.NullMarked;
