#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

// Reads the .npz files of tests/testdata: zip archives of little-endian float64 arrays, as
// numpy.savez and savez_compressed write them. For files that we trust.

namespace fleet::testing {

struct Array {
  std::vector<std::size_t> shape;
  std::vector<double> data;  // row-major

  std::size_t num_rows() const { return shape.at(0); }
  std::size_t row_size() const { return num_rows() == 0 ? 0 : data.size() / num_rows(); }
  const double* row(std::size_t i) const { return data.data() + i * row_size(); }
};

namespace npz {

template <class T>
T read(const std::string& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.substr(offset, sizeof value).data(), sizeof value);
  return value;
}

inline std::string inflate_raw(const std::string& packed, std::size_t size) {
  constexpr int kRawDeflate = -15;
  std::string out(size, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const bool done =
      inflateInit2(&stream, kRawDeflate) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END;
  inflateEnd(&stream);
  return done ? out : throw std::runtime_error("npz: deflated data is damaged");
}

inline Array parse_npy(const std::string& bytes) {
  constexpr std::size_t kPreamble = 10;  // magic, version, length of the header
  const auto header_size = read<std::uint16_t>(bytes, 8);
  const std::string header = bytes.substr(kPreamble, header_size);
  if (header.find("'descr': '<f8', 'fortran_order': False") == std::string::npos) {
    throw std::runtime_error("npz: not a row-major float64 array: " + header);
  }
  Array array;
  const std::string shape = header.substr(header.find('('), header.find(')') - header.find('('));
  const std::regex digits("[0-9]+");
  for (std::sregex_iterator it(shape.begin(), shape.end(), digits), end; it != end; ++it) {
    array.shape.push_back(std::stoul(it->str()));
  }
  array.data.resize((bytes.size() - kPreamble - header_size) / sizeof(double));
  std::memcpy(array.data.data(), bytes.data() + kPreamble + header_size,
              array.data.size() * sizeof(double));
  return array;
}

}  // namespace npz

/// Returns the arrays of a file by name.
inline std::map<std::string, Array> load_npz(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string zip{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t end = zip.rfind("PK\x05\x06");
  if (end == std::string::npos) {
    throw std::runtime_error("npz: cannot read " + file);
  }
  std::map<std::string, Array> arrays;
  auto entry = std::size_t{npz::read<std::uint32_t>(zip, end + 16)};  // of the central directory
  for (int count = npz::read<std::uint16_t>(zip, end + 10); count > 0; --count) {
    const auto method = npz::read<std::uint16_t>(zip, entry + 10);
    const auto packed_size = npz::read<std::uint32_t>(zip, entry + 20);
    const auto size = npz::read<std::uint32_t>(zip, entry + 24);
    const auto name_size = npz::read<std::uint16_t>(zip, entry + 28);
    const auto extra_size = npz::read<std::uint16_t>(zip, entry + 30);
    const auto comment_size = npz::read<std::uint16_t>(zip, entry + 32);
    const auto local = std::size_t{npz::read<std::uint32_t>(zip, entry + 42)};
    const std::size_t start = local + 30 + npz::read<std::uint16_t>(zip, local + 26) +
                              npz::read<std::uint16_t>(zip, local + 28);
    const std::string packed = zip.substr(start, packed_size);
    const std::string name = zip.substr(entry + 46, name_size);
    arrays[name.substr(0, name.rfind(".npy"))] =
        npz::parse_npy(method == 0 ? packed : npz::inflate_raw(packed, size));
    entry += std::size_t{46} + name_size + extra_size + comment_size;
  }
  return arrays;
}

}  // namespace fleet::testing
