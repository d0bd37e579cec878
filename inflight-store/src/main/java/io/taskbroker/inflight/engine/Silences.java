package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.operator.Outliers.Silence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Applications whose workers have let deadlines pass, and have not reported on anything since. */
final class Silences {
  /** Producers choose the names. Of more, those are forgotten that missed a deadline first. */
  private static final int MOST = 100;

  private final Map<String, Silence> byApplication = new LinkedHashMap<>();

  /** A worker has let the deadline of this task pass. */
  void missed(Activation task, long nowMs) {
    Silence before = byApplication.remove(task.application());
    byApplication.put(
        task.application(),
        before == null ? Silence.begun(task, nowMs) : before.goesOn(task, nowMs));
    if (byApplication.size() > MOST) {
      byApplication.remove(byApplication.keySet().iterator().next());
    }
  }

  /** A worker of this application has reported on something. */
  void heard(String application) {
    byApplication.remove(application);
  }

  boolean isEmpty() {
    return byApplication.isEmpty();
  }

  List<Silence> all() {
    return List.copyOf(byApplication.values());
  }
}
