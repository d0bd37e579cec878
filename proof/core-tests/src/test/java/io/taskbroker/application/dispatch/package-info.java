/** Tests of handing out work, in the package of what they test. */
@NullMarked
package io.taskbroker.application.dispatch;

import org.jspecify.annotations.NullMarked;
