// An event file is a list of records, each an Event message in protobuf's encoding. A few fields
// are all we need of it, so they are written here by hand:
//
//   Event      { 1: double wall_time  2: int64 step  3: string file_version  5: Summary summary
//                7: SessionLog session_log }
//   Summary    { 1: repeated Value { 1: string tag  2: float simple_value } }
//   SessionLog { 1: enum status }

#include "apps/log/tensorboard.h"

#include <array>
#include <filesystem>

#include "apps/files/file_error.h"

namespace fleet::log {
namespace {

constexpr int kMaxAttempts = 1000;

// Protobuf's wire types.
constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kBytes = 2;
constexpr int kFixed32 = 5;

template <typename T>
void put_raw(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) {
    out += static_cast<char>((number & 0x7f) | 0x80);
  }
  out += static_cast<char>(number);
}

void put_key(std::string& out, int field, int wire_type) {
  put_varint(out, static_cast<std::uint64_t>(field << 3 | wire_type));
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_key(out, field, kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string make_event(double wall_time) {
  std::string event;
  put_key(event, 1, kFixed64);
  put_raw(event, wall_time);
  return event;
}

std::string make_value(std::string_view tag, double value) {
  std::string message;
  put_bytes(message, 1, tag);
  put_key(message, 2, kFixed32);
  put_raw(message, static_cast<float>(value));
  return message;
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0x82f63b78U : 0U);
    }
    table[byte] = remainder;
  }
  return table;
}

/// Returns the CRC as TFRecord stores it, so that a CRC of a CRC is not a trivial one.
std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

/// Opens a file that no other run of the same second has.
std::unique_ptr<LogFile> open_event_file(const std::string& folder, double wall_time) {
  const std::string stem =
      "events.out.tfevents." + std::to_string(static_cast<std::int64_t>(wall_time)) + ".fleet.";
  for (int attempt = 0;; ++attempt) {
    const auto path = std::filesystem::path(folder) / (stem + std::to_string(attempt));
    if (attempt == kMaxAttempts || !std::filesystem::exists(path)) {
      return std::make_unique<LogFile>(path.string(), LogFile::Open::kNew);
    }
  }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_crc_table();
  std::uint32_t crc = 0xffffffffU;
  for (const char character : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(character)) & 0xff];
  }
  return ~crc;
}

std::string tfrecord(std::string_view bytes) {
  std::string record;
  put_raw<std::uint64_t>(record, bytes.size());
  put_raw(record, masked_crc32c(record));
  record += bytes;
  put_raw(record, masked_crc32c(bytes));
  return record;
}

TensorBoardWriter::TensorBoardWriter(const std::string& folder, double wall_time)
    : file_(open_event_file(folder, wall_time)) {
  std::string event = make_event(wall_time);
  put_bytes(event, 3, "brain.Event:2");
  file_->append(tfrecord(event));
}

void TensorBoardWriter::forget_after(std::int64_t iteration, double wall_time) {
  constexpr std::uint64_t kStart = 1;  // a session begins: TensorBoard purges from its step on
  std::string session;
  put_key(session, 1, kVarint);
  put_varint(session, kStart);
  std::string event = make_event(wall_time);
  put_key(event, 2, kVarint);
  put_varint(event, static_cast<std::uint64_t>(iteration) + 1);
  put_bytes(event, 7, session);
  file_->append(tfrecord(event));
}

void TensorBoardWriter::write(const IterationLog& log, double wall_time) {
  std::string summary;
  for (const auto& [tag, value] : log.scalars) {
    put_bytes(summary, 1, make_value(tag, value));
  }
  std::string event = make_event(wall_time);
  put_key(event, 2, kVarint);
  put_varint(event, static_cast<std::uint64_t>(log.iteration));
  put_bytes(event, 5, summary);
  file_->append(tfrecord(event));
}

}  // namespace fleet::log
