#pragma once

/// Marks a function that is compiled for the host and, by nvcc, for the device.
#ifdef __CUDACC__
#define FLEET_HD __host__ __device__
#else
#define FLEET_HD
#endif
