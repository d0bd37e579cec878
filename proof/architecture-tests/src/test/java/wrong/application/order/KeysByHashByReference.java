package wrong.application.order;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Has others order by hash. */
final class KeysByHashByReference {
  Supplier<Map<Object, String>> maps() {
    return HashMap::new;
  }
}
