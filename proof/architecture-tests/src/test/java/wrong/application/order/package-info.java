/** Every way to walk through things in an order that differs between processes. */
@NullMarked
package wrong.application.order;

import org.jspecify.annotations.NullMarked;
