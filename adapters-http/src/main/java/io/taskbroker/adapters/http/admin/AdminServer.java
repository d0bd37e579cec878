package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.http.HttpLimits;
import io.taskbroker.adapters.http.HttpListenException;
import io.taskbroker.adapters.http.HttpListener;
import io.taskbroker.adapters.http.ListenerName;
import io.taskbroker.adapters.tls.ShownCertificate;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpMethod;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admin API of one broker, and the dashboard that is made of it. */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  private final HttpListener listener;
  private final EventStreams events;
  private final Everybody everybody;
  private final RecentPast past;
  private final ListTurns turns;
  private final AdminHandler handler;

  private AdminServer(
      AdminSettings settings,
      HttpLimits limits,
      Broker broker,
      Surroundings around,
      TimeSource time) {
    events = new EventStreams(time);
    past = new RecentPast(broker::vitals, broker.paces(), time);
    turns = new ListTurns(time);
    AdminRole arguments = settings.arguments();
    Looks looks = new Looks(broker, around.version(), arguments, time, past, turns);
    Contents contents = new Contents(broker.operations(), looks, around.reader(), arguments);
    var sessions = new Sessions(time);
    everybody = new Everybody(settings.brokers(), time);
    handler =
        new AdminHandler(
            new Gate(settings, sessions, time),
            sessions,
            endpoints(
                looks.endpoints(),
                new PaceLooks(broker, time).endpoints(),
                new UpcomingLooks(broker).endpoints(),
                contents.endpoints(),
                new Orders(broker.operations(), broker.draining(), time).endpoints(),
                new ParkedRows(broker.operations(), turns).endpoints(),
                new Letters(around.letters(), broker.operations(), contents).endpoints(),
                new TopicLooks(broker, around.topics(), time).endpoints(),
                new RuleLooks(broker, around.rules(), arguments, time).endpoints(),
                new RuleControls(broker, turns, contents, time).endpoints(),
                new SettingLooks(around.configuration()).endpoints(),
                new LogControls(around.logs(), broker.operations(), time).endpoints()),
            everybody,
            events,
            looks::status,
            new SharedAnswers(settings.sharing(), time),
            time);
    listener =
        new HttpListener(
            ListenerName.ADMIN,
            limits,
            handler,
            broker.health(),
            time,
            settings.tls().map(own -> ShownCertificate.of(own, time)));
  }

  @SafeVarargs
  private static List<Endpoint> endpoints(List<Endpoint>... parts) {
    List<Endpoint> all = new ArrayList<>();
    for (List<Endpoint> part : parts) {
      all.addAll(part);
    }
    // The handler answers these itself: they say something besides JSON.
    all.add(Endpoint.get(AdminHandler.EVENTS, (_, _) -> ""));
    all.add(new Endpoint(HttpMethod.POST, AdminHandler.SESSION, AdminRole.VIEWER, (_, _) -> ""));
    return all;
  }

  /**
   * Begins to listen.
   *
   * @param around what is shown besides the broker itself
   * @throws HttpListenException if the port is taken, or the address is not one of this machine
   * @throws UnusableTlsFileException if the certificate or its key cannot be used
   */
  public static AdminServer start(
      AdminSettings settings, Broker broker, Surroundings around, TimeSource time) {
    var limits = new HttpLimits(settings.connections(), 0, HttpLimits.REQUEST, HttpLimits.ANSWER);
    return start(settings, limits, broker, around, time);
  }

  static AdminServer start(
      AdminSettings settings,
      HttpLimits limits,
      Broker broker,
      Surroundings around,
      TimeSource time) {
    var server = new AdminServer(settings, limits, broker, around, time);
    try {
      server.listener.start(settings.address(), settings.port());
    } catch (IOException e) {
      throw new HttpListenException(
          "cannot listen on %s:%d (admin.addr, admin.port): %s. Stop what uses the port, or choose another"
              .formatted(settings.address(), settings.port(), e.getMessage()),
          e);
    }
    server.past.start();
    LOG.info(
        "The admin API and the dashboard are served on {}://{}:{}",
        settings.tls().isPresent() ? "https" : "http",
        settings.address(),
        server.port());
    return server;
  }

  /** Where it listens: what was asked for, or, if that was 0, some free port. */
  public int port() {
    return listener.port();
  }

  /** What is served, such as {@code GET /api/v1/status}. */
  Iterable<String> served() {
    return handler.served();
  }

  @Override
  public void close() {
    past.close();
    events.close();
    everybody.hangUp();
    turns.close();
    listener.close();
    everybody.close();
  }
}
