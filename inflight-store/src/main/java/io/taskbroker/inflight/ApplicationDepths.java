package io.taskbroker.inflight;

import io.taskbroker.domain.ApplicationDepth;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the engine for what waits for each application, in pieces that let others pass. */
final class ApplicationDepths {
  /** Producers decide how many applications there are. */
  static final int NAMES_PER_TURN = 500;

  private ApplicationDepths() {}

  static List<ApplicationDepth> all(CommandSender sender) {
    List<ApplicationDepth> all = new ArrayList<>();
    @Nullable String last = null;
    List<ApplicationDepth> piece;
    do {
      String after = last;
      piece = sender.ask((engine, now) -> engine.depthByApplication(after, NAMES_PER_TURN, now));
      all.addAll(piece);
      last = piece.isEmpty() ? null : piece.getLast().application();
    } while (piece.size() == NAMES_PER_TURN);
    return all;
  }
}
