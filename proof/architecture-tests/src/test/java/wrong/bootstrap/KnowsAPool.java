package wrong.bootstrap;

import com.zaxxer.hikari.HikariConfig;

/** Wiring that tunes a pool. */
final class KnowsAPool {
  HikariConfig config() {
    return new HikariConfig();
  }
}
