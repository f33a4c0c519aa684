#include <DSPLib.h>

volatile uint16_t msp_lea_ifg;
