/** Dead letters: looked at, sent again, dropped. */
@NullMarked
package io.taskbroker.application.letters;

import org.jspecify.annotations.NullMarked;
