package io.taskbroker.bootstrap.logging;

import io.sentry.AsyncHttpTransportFactory;
import io.sentry.ITransportFactory;
import io.sentry.RequestDetails;
import io.sentry.SentryOptions;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reports to a host whose name has an underscore, as services of Docker Compose may have. To a
 * {@link URI} such a name is no host, so Sentry's client would refuse the DSN, and the JDK would
 * not choose a way there.
 *
 * @param name of the host
 */
record UnderscoredHost(String name) {
  private static final Pattern HOST = Pattern.compile("@([A-Za-z0-9.-]*_[A-Za-z0-9._-]*)[:/]");

  /** Null if the host of a DSN has no underscore. */
  static @Nullable UnderscoredHost of(String dsn) {
    Matcher host = HOST.matcher(dsn);
    return host.find() ? new UnderscoredHost(host.group(1)) : null;
  }

  /** Has the client read the DSN with another name, and send to this one. */
  void use(SentryOptions options, String dsn) {
    options.setDsn(dsn.replace("@" + name, "@" + standIn()));
    ITransportFactory usual = new AsyncHttpTransportFactory();
    options.setTransportFactory(
        (sending, request) ->
            usual.create(sending, new RequestDetails(real(request), request.getHeaders())));
    if (!(ProxySelector.getDefault() instanceof DirectIfNoHost)) {
      ProxySelector.setDefault(new DirectIfNoHost(ProxySelector.getDefault()));
    }
  }

  private String standIn() {
    return name.replace('_', '-');
  }

  private String real(RequestDetails request) {
    return request.getUrl().toString().replace("//" + standIn(), "//" + name);
  }

  /** As another one, but for addresses that have no host for it. */
  private static final class DirectIfNoHost extends ProxySelector {
    private final @Nullable ProxySelector others;

    DirectIfNoHost(@Nullable ProxySelector others) {
      this.others = others;
    }

    @Override
    public List<Proxy> select(URI address) {
      return others == null || address.getHost() == null
          ? List.of(Proxy.NO_PROXY)
          : others.select(address);
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
      if (others != null) {
        others.connectFailed(address, proxy, failure);
      }
    }
  }
}
