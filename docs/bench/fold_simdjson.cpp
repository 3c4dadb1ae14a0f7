// The four questions by simdjson's on-demand parser: fold_simdjson FOLDER THREADS
// Fields are taken in file order with find_field; only what is visited is validated.
#include "fold.hpp"
#include "simdjson.h"
using namespace simdjson;

static void fold(Span span, Facts &facts) {
  thread_local ondemand::parser parser;
  parser.threaded = false;
  ondemand::document_stream lines;
  const size_t window = size_t(64) << 20, batch = size_t(1) << 20;
  for (size_t start = 0; start < span.size;) {
    size_t size = std::min(window, span.size - start);
    if (start + size < span.size) {
      const char *nl = (const char *)memrchr(span.data + start, '\n', size);
      size = size_t(nl - (span.data + start)) + 1;
    }
    if (parser.iterate_many(span.data + start, size, batch).get(lines)) { fprintf(stderr, "bad log\n"); exit(1); }
    for (auto line : lines) {
      ondemand::object o = line.get_object();
      string_view at = o.find_field("at"), type = o.find_field("type");
      facts.last = millis(at);
      facts.counts[facts.intern(type)]++;
      if (type.size() < 14 || memcmp(type.data(), "payment.", 8)) continue;
      // As it stands in the file, without its quotes: an id has no escapes.
      string_view payment = o.find_field("subject").raw_json_token();
      payment = payment.substr(1, payment.rfind('"') - 1);
      ondemand::object data = o.find_field("data");
      string_view when;
      if (type == "payment.started") {
        if (data.find_field("occurred_at").get(when)) when = at;
        facts.started(payment, millis(when));
        continue;
      }
      if (type == "payment.completed") {
        string_view agent = data.find_field("agent_id"), vendor = data.find_field("vendor"),
                    amount = data.find_field("settled"), asset = data.find_field("asset");
        if (data.find_field("occurred_at").get(when)) when = at;
        facts.completed(payment, agent, vendor, amount, asset, millis(when));
      } else if (type == "payment.failed") {
        string_view vendor = data.find_field("vendor");
        bool fault = data.find_field("vendor_fault");
        facts.failed(payment, vendor, fault);
      }
    }
    start += size;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) { fprintf(stderr, "fold_simdjson FOLDER THREADS\n"); return 2; }
  fold_log(argv[1], atoi(argv[2]), fold);
}
