package io.taskbroker.application.intake;

import java.io.Serial;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some rows of a batch cannot be written, each by itself, and trying them again will not help. All
 * others are stored, and survive a power cut.
 */
public final class RefusedRowsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int added;
  private final transient Map<Integer, String> reasons;

  /**
   * @param added how many of the others are new
   * @param reasons by the row's place in the batch, from 0; at least one
   */
  public RefusedRowsException(int added, Map<Integer, String> reasons) {
    super("%d rows of a batch cannot be written: %s".formatted(reasons.size(), reasons));
    this.added = added;
    this.reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
  }

  public int added() {
    return added;
  }

  public Map<Integer, String> reasons() {
    return reasons;
  }
}
