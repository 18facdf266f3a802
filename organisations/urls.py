"""Addresses of the register of organisations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
