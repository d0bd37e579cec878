package io.taskbroker.proving.unruly;

/** How clients can get in the way of others. */
public enum Nuisance {
  /** Five of them ask 200 times each for large tasks, read nothing of the answers, and stay. */
  READ_NOTHING,
  /** One breaks off each kind of call, then its connection, and comes back, again and again. */
  LEAVE,
  /** A thousand connections of which each has been used, and stays. */
  BE_MANY,
  /** 5 000 connections that each begin a small request and never end it. */
  HALF_REQUESTS,
  /** 160 connections that each begin 250 calls with 7 KB of headers and end none. */
  LARGE_HEADERS,
  /** A hundred connections, to the port of the probes, that ask for the metrics and do not read. */
  UNREAD_PAGES,
  /** 600 connections, to the port of the probes, that each send half of a request. */
  HALF_PAGES
}
