package io.taskbroker.simulation.plan;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.taskbroker.simulation.world.World;

/** Gives the log lines of the brokers to the world that is played on the same thread. */
public final class Lines extends AppenderBase<ILoggingEvent> {
  private static final ThreadLocal<World> LISTENER = new ThreadLocal<>();

  static void listen(World world) {
    LISTENER.set(world);
  }

  static void listenNoMore() {
    LISTENER.remove();
  }

  @Override
  protected void append(ILoggingEvent event) {
    World world = LISTENER.get();
    if (world != null) {
      var thrown = event.getThrowableProxy();
      world.logged(
          event.getLevel().toString(),
          event.getFormattedMessage(),
          thrown == null ? "" : thrown.getClassName() + ": " + thrown.getMessage());
    }
  }
}
